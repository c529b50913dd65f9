/** Why SSH cannot be used, and the remedy. */
import type {SshPrompts} from './prompts.ts';

export class SshError extends Error {
	override name = 'SshError';
	readonly remedy: string | undefined;
	/** What the operator could be asked, so that it works; resolves with whether it may work now. */
	readonly question: ((questions: SshPrompts) => Promise<boolean>) | undefined;

	/** What the operator's ssh config has done without a question, so that it works. */
	readonly unasked: (() => Promise<void>) | undefined;

	constructor(
		message: string,
		remedy?: string,
		question?: SshError['question'],
		unasked?: SshError['unasked'],
	) {
		super(message);
		this.remedy = remedy;
		this.question = question;
		this.unasked = unasked;
	}
}
