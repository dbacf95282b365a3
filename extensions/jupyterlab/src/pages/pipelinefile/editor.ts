import type { CodeEditor, IEditorServices } from '@jupyterlab/codeeditor';
import { CodeEditorWrapper } from '@jupyterlab/codeeditor';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ABCWidgetFactory, DocumentWidget } from '@jupyterlab/docregistry';
import type { Message } from '@lumino/messaging';
import { SplitPanel } from '@lumino/widgets';

type Context = DocumentRegistry.IContext<DocumentRegistry.ICodeModel>;

/** The text of a pipeline file; the graph beside it comes with the code of `beside`, which is loaded when it is opened. */
export class PipelineFile extends SplitPanel {
  constructor(
    readonly context: Context,
    services: IEditorServices,
    beside: (file: PipelineFile) => Promise<void>
  ) {
    super({ orientation: 'horizontal', spacing: 4 });
    this.addClass('wb-PipelineFile');
    context.model.mimeType = services.mimeTypeService.getMimeTypeByFilePath(context.path);
    this._text = new CodeEditorWrapper({
      model: context.model,
      factory: options => services.factoryService.newDocumentEditor(options),
      editorOptions: { config: { lineNumbers: true, indentUnit: '2' } }
    });
    this._text.addClass('wb-PipelineFile-text');
    this._text.node.dataset['jpUndoer'] = 'true'; // the keys of Lab's edit menu are meant
    this.addWidget(this._text);
    void context.ready.then(async () => {
      if (!this.isDisposed) {
        this.editor.setOption('readOnly', !this.writable);
        await beside(this);
      }
    });
  }

  get editor(): CodeEditor.IEditor {
    return this._text.editor;
  }

  /** Whether the file may be changed: the project may be read-only. */
  get writable(): boolean {
    return !this.context.model.readOnly && this.context.contentsModel?.writable !== false;
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.editor.focus();
  }

  private readonly _text: CodeEditorWrapper;
}

export type PipelineDocument = DocumentWidget<PipelineFile, DocumentRegistry.ICodeModel>;

/** Makes the widgets of pipeline files. */
export class PipelineFileFactory extends ABCWidgetFactory<PipelineDocument, DocumentRegistry.ICodeModel> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<PipelineDocument>,
    private readonly _services: IEditorServices,
    private readonly _beside: (file: PipelineFile) => Promise<void>
  ) {
    super(options);
  }

  protected createNewWidget(context: Context): PipelineDocument {
    const content = new PipelineFile(context, this._services, this._beside);
    return new DocumentWidget({ content, context });
  }
}
