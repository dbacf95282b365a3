import React, { useState } from 'react';

import type { BegunProject, ProjectRequest } from '../../api/types';
import { Failure } from '../../components/states';
import type { PageProps } from '../../tokens';

const EXAMPLE: ProjectRequest = { example: 'flights' };
const PLAIN: ProjectRequest = {};

/** What to do in a folder without a project. */
export function Begin(props: { page: PageProps; begun: () => void }): JSX.Element {
  const { client, live, run, trans } = props.page;
  const [asked, setAsked] = useState<ProjectRequest | null>(null);
  const [problem, setProblem] = useState<unknown>();
  const busy = asked !== null && problem === undefined;
  const make = async (request: ProjectRequest): Promise<void> => {
    setAsked(request);
    setProblem(undefined);
    try {
      await client.post<BegunProject>('project', request);
      props.begun();
      live.start(); // it gave up where there was no project
      run('workbench:refresh');
      run('filebrowser:refresh');
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <article className="wb-StartPage" aria-label={trans.__('Start')}>
      <header className="wb-StartPage-head">
        <h1>{trans.__('Begin a project')}</h1>
        <button type="button" className="wb-Button" onClick={props.begun}>
          {trans.__('Look again')}
        </button>
      </header>
      <p>
        {trans.__('There is none in this folder. A project is a folder with the file workbench.toml.')}{' '}
        {trans.__('No file that is here is changed.')}
      </p>
      {problem !== undefined && <Failure error={problem} trans={trans} retry={() => void make(asked ?? PLAIN)} />}
      <ul className="wb-StartPage-cards">
        <Way
          title={trans.__('Look around in an example')}
          text={trans.__(
            'The flights from New York in 2013: six notebooks, thirteen datasets with their contracts, two reports.'
          )}
          label={trans.__('Begin with the example')}
          first
          busy={busy}
          act={() => void make(EXAMPLE)}
        />
        <Way
          title={trans.__('Begin with your own')}
          text={trans.__('One notebook and one pipeline, to go on from. Notebooks that are here can become steps.')}
          label={trans.__('Begin an empty project')}
          busy={busy}
          act={() => void make(PLAIN)}
        />
      </ul>
      <p className="wb-Soft">
        {trans.__('In a terminal:')} <code>wb init --force --example flights</code> · <code>wb init --force</code>
      </p>
    </article>
  );
}

function Way(props: {
  title: string;
  text: string;
  label: string;
  first?: boolean;
  busy: boolean;
  act: () => void;
}): JSX.Element {
  return (
    <li className="wb-StartPage-card">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      <button
        type="button"
        className={props.first ? 'wb-Button wb-mod-first' : 'wb-Button'}
        disabled={props.busy}
        onClick={props.act}
      >
        {props.label}
      </button>
    </li>
  );
}
