import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../../api/client';
import type { Reach } from './actions';
import { Actions } from './actions';
import { Assist } from './assist';
import { changeOf } from './change';
import type { PipelineFile } from './editor';
import { GraphPane } from './pane';
import { pipelineOf } from './paths';
import type { Schema } from './schema';
import { Sketching } from './sketching';

/** What the keys of a pipeline file are; asked for once, and again when that failed. */
let schema: Promise<Schema> | null = null;

/** Puts the graph beside the text of a pipeline file, and both follow each other from then on. */
export function putBeside(
  file: PipelineFile,
  client: Client,
  reach: Omit<Reach, 'page'> & { page: (pipeline: string) => void },
  trans: TranslationBundle
): void {
  const { context, editor } = file;
  const pipeline = (): string => pipelineOf(context.path) ?? 'none';
  const shared = context.model.sharedModel;
  const sketching = new Sketching(client, pipeline, {
    get: () => shared.getSource(),
    replace: after => {
      const change = changeOf(shared.getSource(), after);
      if (change) {
        shared.transact(() => shared.updateSource(change.start, change.end, change.text)); // one step of undo
      }
    }
  });
  const assist = new Assist(sketching, () => {
    schema ??= client.get<Schema>('schemas/pipeline');
    schema.catch(() => (schema = null));
    return schema.catch(() => ({}));
  });
  editor.injectExtension(assist.extension);
  const actions = new Actions(sketching, { ...reach, page: () => reach.page(pipeline()) }, trans);
  const pane = new GraphPane(sketching, actions, (line, column) => assist.reveal(line, column), trans);
  pane.writable = file.writable;
  file.addWidget(pane);
  file.setRelativeSizes([1, 1]);
  const touch = (): void => sketching.touch();
  const follow = (): void => {
    pane.writable = file.writable;
    editor.setOption('readOnly', !file.writable);
  };
  context.model.contentChanged.connect(touch);
  context.fileChanged.connect(follow);
  context.pathChanged.connect(touch);
  file.disposed.connect(() => {
    context.model.contentChanged.disconnect(touch);
    context.fileChanged.disconnect(follow);
    context.pathChanged.disconnect(touch);
    assist.dispose();
    sketching.dispose();
  });
  void sketching.look();
}
