// What stands in a function's bundle for a part of the system that it never uses: it can be composed like the part, and fails when it is used.

/** In the place of the function, class or value `name`. Called or constructed it gives itself, as what is made of it is not used either. */
export function absent(name: string): object {
  const part: object = new Proxy(class {}, {
    apply: () => part,
    construct: () => part,
    get: () => {
      throw new Error(`${name} is not part of this function`);
    },
  });
  return part;
}
