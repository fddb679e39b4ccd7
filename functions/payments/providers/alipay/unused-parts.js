// Stands in bundles for packages of which Alipay's SDK needs nothing here: no file is uploaded, no certificate and no stream of events is read.

class NotInBundle {
  constructor() {
    throw new Error("This part of Alipay's SDK is not in the bundle");
  }
}

export {
  NotInBundle as BigNumber,
  NotInBundle as Certificate,
  NotInBundle as default,
  NotInBundle as Stream,
};
