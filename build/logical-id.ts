// Names of CloudFormation's logical ids, which have no dash.

/** `orders-relay`: `OrdersRelay`. */
export const camel = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
