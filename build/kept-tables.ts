// A plugin of `serverless deploy`: a stack takes in the tables that an earlier one of the stage has left behind.

type ChangeSet = Readonly<Record<string, unknown>>;

interface Deploy {
  getCreateChangeSetParams(options: object): ChangeSet;
}

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
}

interface Serverless {
  readonly pluginManager: { readonly plugins: readonly object[] };
  readonly service: { readonly resources: { readonly Resources: Readonly<Record<string, Resource>> } };
}

/**
 * Tables are kept when the stack of their stage is deleted, and have names of their own: the next stack could not create
 * them. CloudFormation imports what is there already where it is told to and the resource is one to be kept
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html). osls has no setting for it.
 */
export default class KeptTables {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ pluginManager, service }: Serverless) {
    this.hooks = {
      "before:deploy:deploy": () => {
        if (!Object.values(service.resources.Resources).some(isKept)) return;
        // Of its deployment, and of its rollback.
        const all = pluginManager.plugins.filter(makesChangeSets);
        if (all.length === 0) throw new Error("osls has no plugin that makes change sets");
        for (const one of all) {
          const make = one.getCreateChangeSetParams.bind(one);
          one.getCreateChangeSetParams = (options) => ({ ...make(options), ImportExistingResources: true });
        }
      },
    };
  }
}

const isKept = ({ Type, DeletionPolicy }: Resource): boolean =>
  Type === "AWS::DynamoDB::Table" && DeletionPolicy === "Retain";

const makesChangeSets = (plugin: object): plugin is Deploy => "getCreateChangeSetParams" in plugin;
