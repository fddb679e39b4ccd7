// What takes the place of packages in bundles: urllib, which the SDK sends by, needs little of undici.

export const replacements = [
  {
    package: /^undici(\/lib\/web\/fetch\/response\.js)?$/,
    importedBy: /[\\/]node_modules[\\/]urllib[\\/]/,
    by: "undici-of-urllib.js",
  },
];
