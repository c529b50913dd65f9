/** What the operator gave us is wrong: the message says what, where and what to do, one line a problem. */
export class ConfigError extends Error {
	override name = 'ConfigError';
}
