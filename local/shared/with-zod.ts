// zod where it is loaded when something has to be checked: 27 ms of CPU and 7 MB, which a helper process without stored files does not need.

let prepare = (): void => {};

/** `first` is called before zod is loaded, with every module. */
export function beforeZod(first: () => void): void {
  prepare = first;
}

/** Loads a module that imports zod. */
export function withZod<T>(load: () => Promise<T>): Promise<T> {
  prepare();
  return load();
}
