// The statuses of a sample item, for its contract and its rules.

export const SAMPLE_ITEM_STATUSES = ["open", "closed"] as const;

export type SampleItemStatus = (typeof SAMPLE_ITEM_STATUSES)[number];
