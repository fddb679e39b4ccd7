// Stands in bundles for packages of which WeChat Pay's SDK needs nothing here: version 2 of the API, which is XML, and uploads.

const refuse = () => {
  throw new Error("This part of WeChat Pay's SDK is not in the bundle");
};

/** The SDK makes both when it is loaded. */
export class XMLParser {
  parse = refuse;
}

export class XMLBuilder {
  build = refuse;
}

/** The class of `form-data`. */
class FormData {
  constructor() {
    refuse();
  }
}

export { FormData as default };
