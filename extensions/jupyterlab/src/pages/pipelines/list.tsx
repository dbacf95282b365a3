import '../../../style/run.css';

import React, { useCallback, useEffect, useMemo, useState } from 'react';

import type { PipelineRow, Pipelines } from '../../api/types';
import { Badge } from '../../components/badge';
import { duration } from '../../components/duration';
import { useNews } from '../../components/news';
import { Empty, Failure, Loading } from '../../components/states';
import { Column, Table } from '../../components/table';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';

const PAGE = 200;
/** Pipelines from which on the list is not read whole. */
const MOST = 2000;

/** The pipelines of a project: how each stands, and when it runs by itself. */
export default function PipelinesPage(props: PageProps): JSX.Element {
  const { client, live, trans, open } = props;
  const [rows, setRows] = useState<readonly PipelineRow[]>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn(last => last + 1), []);
  useEffect(() => {
    const control = new AbortController();
    const read = async (): Promise<void> => {
      const found: PipelineRow[] = [];
      for (let more = true; more && found.length < MOST;) {
        const query = { limit: String(PAGE), offset: String(found.length) };
        const page = await client.get<Pipelines>('pipelines', query, control.signal);
        found.push(...page.pipelines);
        more = page.more;
      }
      setRows(found);
      setError(undefined);
    };
    read().catch((reason: unknown) => {
      if (!control.signal.aborted) {
        setError(reason);
      }
    });
    return () => control.abort();
  }, [client, turn]);
  useNews(live, event => rows?.find(row => row.name === event.pipeline)?.last?.state !== event.state, again);
  const columns = useMemo(() => columnsOf(props), [trans, open]);
  if (error !== undefined && !rows) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!rows) {
    return <Loading what={trans.__('Reading the pipelines')} />;
  }
  if (rows.length === 0) {
    return (
      <Empty text={trans.__('Pipelines appear here: each is a file in the folder pipelines that names its notebooks.')}>
        <button type="button" className="wb-Button" onClick={again}>
          {trans.__('Look again')}
        </button>
      </Empty>
    );
  }
  return (
    <article className="wb-Run" aria-label={trans.__('Pipelines')}>
      <div className="wb-Run-title">
        <h1>{trans.__('Pipelines')}</h1>
        <span className="wb-Actions">
          <button type="button" className="wb-Button" onClick={again}>
            {trans.__('Refresh')}
          </button>
        </span>
      </div>
      <Table label={trans.__('Pipelines')} columns={columns} rows={rows} id={row => row.name} trans={trans} />
    </article>
  );
}

function columnsOf(page: PageProps): Column<PipelineRow>[] {
  const { trans, open } = page;
  return [
    {
      name: 'name',
      title: trans.__('Pipeline'),
      value: row => row.name,
      draw: row => (
        <button type="button" className="wb-Link" onClick={() => open('pipeline', row.name)}>
          {row.name}
        </button>
      )
    },
    {
      name: 'last',
      title: trans.__('Last run'),
      value: row => (row.error ? 'error' : (row.last?.state ?? '')),
      draw: row =>
        row.error ? (
          <button
            type="button"
            className="wb-Link"
            aria-label={trans.__('%1: open %2', row.error.code, row.path)}
            onClick={() => page.run('docmanager:open', { path: row.path })}
          >
            <Badge state="error" word={row.error.code} title={row.error.what} />
          </button>
        ) : row.last ? (
          <button type="button" className="wb-Link" onClick={() => row.last && open('run', row.last.id)}>
            <Badge state={row.last.state} />
          </button>
        ) : (
          <Badge state="empty" word={trans.__('never run')} />
        ),
      width: '130px'
    },
    {
      name: 'when',
      title: trans.__('When'),
      value: row => row.last?.created_at ?? null,
      draw: row => (row.last ? <Time iso={row.last.created_at} /> : '–'),
      width: '120px'
    },
    {
      name: 'took',
      title: trans.__('Took'),
      value: row => row.last?.seconds ?? null,
      draw: row => duration(row.last?.seconds) || '–',
      numeric: true,
      width: '90px'
    },
    { name: 'steps', title: trans.__('Steps'), value: row => row.steps, numeric: true, width: '70px' },
    {
      name: 'schedule',
      title: trans.__('Schedule'),
      value: row => row.cron ?? '',
      draw: row => (row.cron ? <code title={row.timezone ?? ''}>{row.cron}</code> : <span className="wb-Soft">–</span>),
      width: '130px'
    },
    {
      name: 'description',
      title: trans.__('About'),
      value: row => row.error?.what ?? row.description,
      draw: row => row.error?.what ?? row.description,
      width: 'minmax(120px, 2fr)'
    }
  ];
}
