import '../../../style/start.css';

import React, { useEffect, useState } from 'react';

import { isNoProject } from '../../api/client';
import { isOpen } from '../../api/ledger';
import type { RunEvent } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { useNews } from '../../components/news';
import { Empty, Failure, Loading } from '../../components/states';
import type { PageProps } from '../../tokens';
import { Begin } from './begin';
import { FirstSteps } from './first';
import { NextThings } from './next';
import { lookAround, Seen } from './seen';

/** Where one begins: a project, its first run, its graph and its report; and what to do after that. */
export default function StartPage(props: PageProps): JSX.Element {
  const { client, trans } = props;
  const { value, error, again } = useAnswer(signal => lookAround(client, signal), [client]);
  useNews(props.live, event => tellsMore(event, value), again);
  if (isNoProject(error)) {
    return <Begin page={props} begun={again} />;
  }
  if (error && !value) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!value) {
    return <Loading what={trans.__('Looking at the project')} />;
  }
  return (
    <article className="wb-StartPage" aria-label={trans.__('Start')}>
      <header className="wb-StartPage-head">
        <h1>{value.project.name}</h1>
        <button type="button" className="wb-Button" onClick={again}>
          {trans.__('Refresh')}
        </button>
      </header>
      <TourOffer page={props} />
      {value.row ? (
        <>
          <FirstSteps seen={value} page={props} />
          <NextThings seen={value} page={props} />
        </>
      ) : (
        <NoPipeline page={props} />
      )}
    </article>
  );
}

/** Whether an event changes what the page says: a run that it does not know yet, or one that is over. */
function tellsMore(event: RunEvent, seen: Seen | undefined): boolean {
  return !isOpen(event.state) || seen?.row?.last?.id !== event.run;
}

/** Offers the tour until it was taken or skipped. */
function TourOffer(props: { page: PageProps }): JSX.Element | null {
  const { run, trans, wishes } = props.page;
  const [offered, setOffered] = useState(wishes.offerTour);
  useEffect(() => {
    const look = (): void => setOffered(wishes.offerTour);
    look();
    wishes.changed.connect(look);
    return () => {
      wishes.changed.disconnect(look);
    };
  }, [wishes]);
  return offered ? (
    <aside className="wb-StartPage-tour" aria-label={trans.__('Tour')}>
      <p>{trans.__('New here? A short tour shows where things are.')}</p>
      <button type="button" className="wb-Button" onClick={() => run('workbench:tour')}>
        {trans.__('Take the tour')}
      </button>
      <button type="button" className="wb-Link" onClick={() => wishes.keep('offerTour', false)}>
        {trans.__('No, thanks')}
      </button>
    </aside>
  ) : null;
}

function NoPipeline(props: { page: PageProps }): JSX.Element {
  const { run, trans } = props.page;
  return (
    <Empty
      text={trans.__(
        'There is no pipeline yet. Write a notebook, then choose Promote Notebook to Pipeline… in the menu Workbench.'
      )}
    >
      <button type="button" className="wb-Button" onClick={() => run('notebook:create-new')}>
        {trans.__('New notebook')}
      </button>
    </Empty>
  );
}
