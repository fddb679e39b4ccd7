// The names of a payment lease on the wire between PaymentService and OrderService. They are older than the names in the code, and
// are kept because the two services may be one version apart during a rolling deploy. Only this file and the contract know them.

interface LeaseOnWire {
  readonly live_until: string;
  readonly seen_seq?: number;
}

/** A lease as PaymentService sends it. */
export const leaseToWire = (lease_until: string, fencing_seq = 0): LeaseOnWire => ({
  live_until: lease_until,
  ...(fencing_seq === 0 ? {} : { seen_seq: fencing_seq }),
});

/** A body without the names on the wire, and with those in the code. */
type Read<Body, Until> = Omit<Body, keyof LeaseOnWire> & {
  readonly lease_until: Until;
  readonly fencing_seq: number | undefined;
};

interface SomeLease {
  readonly live_until?: string | undefined;
  readonly seen_seq?: number | undefined;
}

/** A body that may have a lease as OrderService reads it: the same fields, under the names in the code. */
export function leaseFromWire<Body extends SomeLease & { readonly live_until: string }>(
  body: Body,
): Read<Body, string>;
export function leaseFromWire<Body extends SomeLease>(body: Body): Read<Body, string | undefined>;
export function leaseFromWire({ live_until, seen_seq, ...rest }: SomeLease) {
  return { ...rest, lease_until: live_until, fencing_seq: seen_seq };
}
