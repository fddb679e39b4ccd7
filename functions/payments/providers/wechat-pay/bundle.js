// What takes the place of packages in bundles: the SDK as a whole can't be bundled.

export const replacements = [{ package: /^wechatpay-axios-plugin$/, by: "sdk-parts.js" }];
