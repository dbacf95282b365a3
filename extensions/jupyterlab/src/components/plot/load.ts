import type { Client } from '../../api/client';

/** As much of plotly as is used here. */
export interface Plotly {
  react(host: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
  purge(host: HTMLElement): void;
  Plots: { resize(host: HTMLElement): unknown };
}

let loading: Promise<Plotly> | null = null;

/** The script that reports are drawn with too, from the server. It is fetched once, when the first figure is shown. */
export function plotly(client: Client): Promise<Plotly> {
  loading ??= client.text('plots.js').then(run);
  loading.catch(() => {
    loading = null; // so that it can be tried again
  });
  return loading;
}

/** Runs the script; what another extension calls Plotly stays what it was. */
async function run(script: string): Promise<Plotly> {
  const place = window as { Plotly?: Plotly };
  const before = place.Plotly;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const element = document.createElement('script');
  try {
    await new Promise<void>((resolve, reject) => {
      element.onload = () => resolve();
      element.onerror = () => reject(new Error('The script that draws figures could not be run.'));
      element.src = url;
      document.head.appendChild(element);
    });
    const loaded = place.Plotly;
    if (!loaded) {
      throw new Error('The script that draws figures could not be run.');
    }
    return loaded;
  } finally {
    URL.revokeObjectURL(url);
    element.remove();
    if (before) {
      place.Plotly = before;
    }
  }
}
