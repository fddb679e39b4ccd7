// Stands in for a CommonJS module until something of it is used.

import nodeModule from "node:module";

/**
 * From now on, `require` of the file `path` gives a stand-in. The module is loaded when a function or class of it, or the module
 * itself, is called or constructed. For modules whose exports are functions and classes alone, and of which nothing is used while
 * they are loaded.
 * @returns ends that for later calls of `require`; who has the stand-in keeps it.
 */
export function loadWhenUsed(path: string): () => void {
  const require = nodeModule.createRequire(path);
  let loaded: { readonly value: unknown } | undefined;
  const load = (): unknown => {
    if (loaded === undefined) {
      end();
      loaded = { value: require(path) };
    }
    return loaded.value;
  };
  const provided = provide(path, () => standIn(load));
  const end = () => {
    if (require.cache[path] === provided) delete require.cache[path];
  };
  return end;
}

/** From now on, `require` of the file `path` gives the result of `make`, which is called at the first time. @returns the module that is in its place. */
export function provide(path: string, make: () => unknown): NodeJS.Module {
  const module = new nodeModule.Module(path);
  module.filename = path;
  module.loaded = true;
  let made: { readonly value: unknown } | undefined;
  Object.defineProperty(module, "exports", {
    configurable: true,
    get: () => {
      made ??= { value: make() };
      return made.value;
    },
  });
  nodeModule.createRequire(path).cache[path] = module;
  return module;
}

/**
 * From now on, `require` of the file `path` gives an object whose members in `files` come from these, each when it is first asked for. With
 * any other member the module itself is loaded, and has them all from then on.
 */
export function membersWhenUsed(path: string, files: Readonly<Record<string, string>>): void {
  const require = nodeModule.createRequire(path);
  let whole: object | undefined;
  const load = (): object => {
    if (whole === undefined) {
      delete require.cache[path];
      whole = asObject(require(path));
    }
    return whole;
  };
  const members = new Proxy(
    {},
    {
      get(_, name) {
        const file = typeof name === "string" && whole === undefined ? files[name] : undefined;
        return file === undefined ? Reflect.get(load(), name) : require(file);
      },
      has: (_, name) => Reflect.has(load(), name),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(load(), name),
    },
  );
  provide(path, () => members);
}

/** A function that stands in for the one that `load` gives, with members that stand in for its members. */
function standIn(load: () => unknown): unknown {
  const members = new Map<PropertyKey, unknown>();
  return new Proxy(constructible, {
    apply: (_, self, args) => Reflect.apply(asFunction(load()), self, args),
    construct: (_, args) => Reflect.construct(asFunction(load()), args),
    get(_, name) {
      if (!members.has(name))
        members.set(
          name,
          standIn(() => Reflect.get(asObject(load()), name)),
        );
      return members.get(name);
    },
  });
}

/** What a proxy stands before decides whether it can be called and constructed. */
function constructible(): void {}

const asFunction = (value: unknown): (() => unknown) => {
  if (isFunction(value)) return value;
  throw new TypeError("What a stand-in was called for is no function");
};

const isFunction = (value: unknown): value is () => unknown => typeof value === "function";

const asObject = (value: unknown): object => Object(value);
