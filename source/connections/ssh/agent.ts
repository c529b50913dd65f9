/** The operator's SSH agent under IdentitiesOnly: offers only the keys of the identity files. */
import ssh2, {type KnownPublicKeys, type ParsedKey} from 'ssh2';
import {readFileBytes} from '../../lib/files.ts';

export function agentWith(
	socket: string,
	identityFiles: readonly string[],
): InstanceType<typeof ssh2.OpenSSHAgent> {
	const offered = identityFiles.flatMap(publicKeys);
	return new IdentitiesOnly(socket, offered);
}

class IdentitiesOnly extends ssh2.OpenSSHAgent {
	readonly #offered: readonly Buffer[];

	constructor(socket: string, offered: readonly Buffer[]) {
		super(socket);
		this.#offered = offered;
	}

	override getIdentities(callback: (error?: Error | null, keys?: KnownPublicKeys<ParsedKey>) => void): void {
		super.getIdentities((error, keys) => {
			callback(
				error,
				keys?.filter(key => {
					const blob = 'getPublicSSH' in key ? key.getPublicSSH() : undefined;
					return blob !== undefined && this.#offered.some(one => one.equals(blob));
				}),
			);
		});
	}
}

/** Public keys in `FILE.pub`, or in FILE itself, which may be just a public key; none if missing. */
function publicKeys(file: string): Buffer[] {
	for (const name of [`${file}.pub`, file]) {
		try {
			const parsed = ssh2.utils.parseKey(readFileBytes(name));
			if (!(parsed instanceof Error)) {
				return [parsed.getPublicSSH()];
			}
		} catch {
			// `ssh -G` lists default names whether the files exist or not.
		}
	}

	return [];
}
