// The functions that do what is due in SampleService.

export const sampleItemRelay = {
  name: "samples-relay",
  file: "relay",
  description: "Closes sample items whose time is over",
} as const;
