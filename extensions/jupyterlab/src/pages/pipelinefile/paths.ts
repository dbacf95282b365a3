/** A path without the drive that it may name, and without a slash before it. */
export function local(path: string): string {
  return path.replace(/^[^/:]*:/, '').replace(/^\/+/, '');
}

/** The name of the pipeline whose file is at `path`; nothing for any other file. */
export function pipelineOf(path: string): string | undefined {
  return /^pipelines\/([^/]+)\.yaml$/.exec(local(path))?.[1];
}

/** The notebooks among the paths that are dragged from the file browser. */
export function notebooksOf(dragged: unknown): string[] {
  const paths = Array.isArray(dragged) ? dragged : [];
  return paths.filter((path): path is string => typeof path === 'string' && path.endsWith('.ipynb')).map(local);
}
