// The environment from which settings are read: this process's own, with secrets in place of references once they are read.

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

let complete: Environment | undefined;
let version = 0;

/** The process's environment. A setting that is a reference has its secret's value here, and never in `process.env`. */
export const environment = (): Environment => complete ?? process.env;

/** Changes whenever the settings do. */
export const settingsVersion = (): number => version;

/** Puts settings into effect in addition to those of the process. */
export function putSettings(settings: Environment): void {
  complete = { ...process.env, ...settings };
  version += 1;
}
