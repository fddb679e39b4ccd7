// Source text, for rules about what it may say.

/** Code without its comments, in which examples may name whom they like; lines keep their numbers. */
export const withoutComments = (source: string): string =>
  source
    .replaceAll(/\/\*[\s\S]*?\*\//g, (text) => text.replaceAll(/[^\n]/g, ""))
    .replaceAll(/(^|\s)\/\/.*$/gm, "");
