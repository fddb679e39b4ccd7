// Names derived from a service's name in the registry: its settings, its log file, its short name.

/** The setting with the port that `service` listens on: `OrderService` → `ORDER_SERVICE_PORT`. */
export const portVariable = (service: string): string => `${upperCase(service)}_PORT`;

/** The setting with the fixed address of `service`: `OrderService` → `ORDER_SERVICE_URL`. */
export const urlVariable = (service: string): string => `${upperCase(service)}_URL`;

/** On AWS, what the names of its functions begin with: `OrderService` → `ORDER_SERVICE_FUNCTIONS`. */
export const functionsVariable = (service: string): string => `${upperCase(service)}_FUNCTIONS`;

/** The file in `LOG_DIR`: `OrderService` → `order-service.log`. */
export const logFileName = (service: string): string => `${words(service).join("-")}.log`;

/** The short name, for paths and texts: `OrderService` → `order`. */
export const shortName = (service: string): string => words(service.replace(/Service$/, "")).join("-");

const upperCase = (service: string): string => words(service).join("_").toUpperCase();

const words = (name: string): string[] =>
  name.split(/(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());
