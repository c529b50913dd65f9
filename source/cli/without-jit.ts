/**
 * The entry imports this first: zod decides when a schema is made whether it compiles a validator, which costs more than it saves
 * where settings are checked once. The entry allows it again for what is loaded later.
 */
import * as z from 'zod';

z.config({jitless: true});
