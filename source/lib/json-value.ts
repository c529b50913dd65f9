/** A value as JSON knows it. */

/** A JSON value as Patroni's dynamic configuration holds it; null in a patch deletes. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};
