// Types for the part of osls (the Serverless Framework's open fork) that the local runtime uses; the package has none.

export interface FunctionDefinition {
  /** `functions/orders/handlers/create.handler`: a file without its extension, and what it exports. */
  readonly handler: string;
  /** Full name on AWS, `service-stage-key`. */
  readonly name?: string;
  readonly events?: readonly FunctionEvent[];
  /** In seconds. */
  readonly timeout?: number;
  /** In MB. */
  readonly memorySize?: number;
}

export type FunctionEvent = Readonly<Record<string, unknown>>;

export interface Serverless {
  readonly serviceDir: string;
  readonly configSchemaHandler: { validateConfig: (config: object) => Promise<void> };
  readonly service: {
    functions: Readonly<Record<string, FunctionDefinition>>;
    readonly provider: {
      readonly stage?: string;
      readonly region?: string;
      readonly environment?: object;
      /** For functions without their own, in seconds. */
      readonly timeout?: number;
      /** For functions without their own, in MB. */
      readonly memorySize?: number;
    };
    readonly resources?: { readonly Resources?: Readonly<Record<string, unknown>> };
  };
}

/** What a run needs to know of the project: osls reads it from serverless.yml, a server makes it of the list of services. */
export type Project = Pick<Serverless, "serviceDir" | "service">;

/** The options of the command line, which plugins may have changed. */
export type CommandLine = Record<string, unknown>;
