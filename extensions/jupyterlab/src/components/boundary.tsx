import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Failure } from './states';

/** What came of loading code, or of drawing what is inside. */
interface State {
  error: unknown;
}

/** Shows an error in place of that in which it was thrown, so that the rest of Lab goes on. */
export class Boundary extends React.Component<
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
