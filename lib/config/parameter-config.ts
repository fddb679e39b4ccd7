// Reads the live configuration from a parameter of AWS' SSM Parameter Store, for functions without a registry.

import { reasonOf } from "../core/failure-text.ts";
import type { Log } from "../observability/log.ts";

interface Options {
  /** Its whole name: `/cfmp-order-prod/live`. */
  readonly name: string;
  readonly log: Log;
  /** The text of a parameter; undefined where there is none. By default from AWS. */
  readonly parameter?: (name: string) => Promise<string | undefined>;
}

export class ParameterConfig {
  readonly #options: Options;
  #failing = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The published text; undefined when nothing is published. Rejects when that is not known, which is logged once until it is. */
  async read(): Promise<string | undefined> {
    const { name, log, parameter = fromAws } = this.#options;
    try {
      const text = await parameter(name);
      if (this.#failing) log.info({ parameter: name }, "the live configuration can be read again");
      this.#failing = false;
      return text;
    } catch (cause) {
      if (!this.#failing)
        log.warn(
          { err: cause, parameter: name },
          `the live configuration can't be read, the last one stays: ${reasonOf(cause)}`,
        );
      this.#failing = true;
      throw cause;
    }
  }
}

const fromAws = async (name: string) => (await import("./secret-stores.ts")).readParameterText(name);
