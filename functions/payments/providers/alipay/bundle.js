// What takes the place of packages in bundles: urllib, which the SDK sends by, needs little of undici, and the SDK can do much that
// nobody here asks for.

export const replacements = [
  {
    package: /^undici(\/lib\/web\/fetch\/response\.js)?$/,
    importedBy: /[\\/]node_modules[\\/]urllib[\\/]/,
    by: "undici-of-urllib.js",
  },
  {
    package: /^(formstream|form-data|mime-types|bignumber\.js|@fidm\/x509|sse-decoder)$/,
    importedBy: /[\\/]node_modules[\\/](alipay-sdk|urllib)[\\/]/,
    by: "unused-parts.js",
  },
  { package: /^crypto-js$/, importedBy: /[\\/]node_modules[\\/]alipay-sdk[\\/]/, by: "unused-cipher.js" },
];
