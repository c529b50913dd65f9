/** Why logs cannot be read at all; `usage`: the command line is wrong, `input`: what it names. */
export class AutopsyError extends Error {
	override name = 'AutopsyError';
	override readonly cause: 'usage' | 'input';

	constructor(message: string, cause: 'usage' | 'input' = 'input') {
		super(message);
		this.cause = cause;
	}
}
