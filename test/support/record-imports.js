/** `node --import` this: writes the address of every module that is loaded to the file that IMPORTS names, one a line. */
import {appendFileSync} from 'node:fs';
import {registerHooks} from 'node:module';

registerHooks({
	load(url, context, next) {
		appendFileSync(process.env.IMPORTS, `${url}\n`);
		return next(url, context);
	},
});
