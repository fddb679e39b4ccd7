// What ES modules take from the packages that are left out: they must find each name that they import when they are loaded.

import leftOut from "./index.cjs";

export default leftOut;
export const { Certificate, execa, formatly, invokeJavaLocal } = leftOut;
