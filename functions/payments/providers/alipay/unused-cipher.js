// Stands in bundles for `crypto-js`: Alipay's SDK would encrypt contents with it, which nobody here asks for. When it is loaded, it reads
// the constant with which that begins.

export default { enc: { Hex: { parse: () => undefined } } };
