// What has happened so far in a demo.

export interface Counts {
  orders: number;
  paid: number;
  declined: number;
  refunded: number;
  cancelled: number;
  /** Requests that got no answer or a 5xx, and were sent again. */
  repeated: number;
  kills: number;
}

export const noCounts = (): Counts => ({
  orders: 0,
  paid: 0,
  declined: 0,
  refunded: 0,
  cancelled: 0,
  repeated: 0,
  kills: 0,
});

/** One line. `underWay`: orders whose journey goes on. */
export function progressLine(counts: Counts, underWay: number, seconds: number): string {
  const { orders, paid, declined, refunded, cancelled, repeated, kills } = counts;
  return (
    `${Math.round(seconds)} s  ${orders} orders, ${underWay} under way: ${paid} paid, ${declined} declined, ` +
    `${refunded} refunded, ${cancelled} cancelled; ${kills} kills, ${repeated} requests repeated`
  );
}
