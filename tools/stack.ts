// What tools know of a stack on AWS by its stage.

/** The service of serverless.yml, with which all names of a stack begin. */
export const SERVICE = "cfmp-order";
