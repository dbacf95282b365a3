import { MainAreaWidget, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { Suspense } from 'react';

import { Empty, Failure, Loading } from '../components/states';
import type { IWorkbench, PageKind, PageProps, PageView } from '../tokens';

/** What a page needs of the extension. */
export interface Surroundings extends IWorkbench {
  trans: TranslationBundle;
  run: PageProps['run'];
}

/** What came of loading the code of a page, or of drawing it. */
interface State {
  error: unknown;
}

/** Shows an error in place of the page in which it was thrown, so that the rest of Lab goes on. */
class Boundary extends React.Component<
  { trans: TranslationBundle; retry: () => void; children: React.ReactNode },
  State
> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): React.ReactNode {
    const retry = (): void => {
      this.props.retry();
      this.setState({ error: null });
    };
    const { error } = this.state;
    return error ? <Failure error={error} trans={this.props.trans} retry={retry} /> : this.props.children;
  }
}

/** A page as a widget. Its code is fetched when it is first drawn. */
class PageBody extends ReactWidget {
  private _view: React.LazyExoticComponent<PageView> | null = null;

  constructor(
    private readonly _page: PageKind | undefined,
    private readonly _subject: string,
    private readonly _around: Surroundings
  ) {
    super();
    this.addClass('wb-Page');
    this.addClass('wb-Themed');
  }

  protected override render(): JSX.Element {
    const { client, live, pages, run, trans, wishes } = this._around;
    const page = this._page;
    if (!page) {
      return <Empty text={trans.__('There is no such page here. The extension that had it may be gone.')} />;
    }
    this._view ??= React.lazy(() => page.load());
    const View: React.ComponentType<PageProps> = this._view;
    const again = (): void => {
      this._view = null;
      this.update();
    };
    return (
      <Boundary trans={trans} retry={again}>
        <Suspense fallback={<Loading what={trans.__('Opening the page')} />}>
          <View
            subject={this._subject}
            client={client}
            live={live}
            wishes={wishes}
            trans={trans}
            run={run}
            has={kind => pages.get(kind) !== undefined}
            open={(kind, subject) => pages.open(kind, subject)}
          />
        </Suspense>
      </Boundary>
    );
  }
}

/** The tab of a page; `key` is what it is known by, so that it is there once only. */
export class PageTab extends MainAreaWidget<PageBody> {
  constructor(
    readonly kind: string,
    readonly subject: string,
    around: Surroundings
  ) {
    const page = around.pages.get(kind);
    super({ content: new PageBody(page, subject, around) });
    this.id = `workbench-page-${key(kind, subject)}`;
    this.title.label = page ? page.title(subject) : subject;
    this.title.caption = this.title.label;
    this.title.closable = true;
    if (page) {
      this.title.icon = page.icon;
    }
    this.toolbar.hide();
  }
}

/** What a page is known by in saved layouts. */
export function key(kind: string, subject: string): string {
  return `${kind}:${subject}`;
}
