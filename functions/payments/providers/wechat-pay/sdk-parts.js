// Stands for `wechatpay-axios-plugin` in bundles: the parts that are used. Its index sets a property that has only a
// getter, which is an error in the strict code that bundles are made of.

import Aes from "wechatpay-axios-plugin/lib/aes.js";
import Decorator from "wechatpay-axios-plugin/lib/decorator.js";
import Formatter from "wechatpay-axios-plugin/lib/formatter.js";
import Rsa from "wechatpay-axios-plugin/lib/rsa.js";

export { Aes, Decorator, Formatter, Rsa };
