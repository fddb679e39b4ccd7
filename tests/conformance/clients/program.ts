/** How to start a driver; the registry's address and the account are appended to `args`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** An environment variable that gets a free port, another one for each process. */
  readonly portVariable?: string;
}
