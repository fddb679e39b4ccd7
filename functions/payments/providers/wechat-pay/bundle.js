// What takes the place of packages in bundles: the SDK as a whole can't be bundled, and it can do much that nobody here asks for.

export const replacements = [
  { package: /^wechatpay-axios-plugin$/, by: "sdk-parts.js" },
  {
    package: /^fast-xml-parser$/,
    importedBy: /[\\/]node_modules[\\/]wechatpay-axios-plugin[\\/]/,
    by: "unused-parts.js",
  },
  { package: /^form-data$/, importedBy: /[\\/]node_modules[\\/]axios[\\/]/, by: "unused-parts.js" },
];
