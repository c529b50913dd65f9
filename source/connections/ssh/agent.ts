/** The operator's agent as IdentitiesOnly has it: of its keys, those of the identity files alone are offered to a host. */
import ssh2, {type KnownPublicKeys, type ParsedKey} from 'ssh2';
import {readFileBytes} from '../../lib/read-file.ts';

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

/** Of `FILE.pub`, or of FILE itself, which may hold no more than a public key; one that is not there offers nothing. */
function publicKeys(file: string): Buffer[] {
	for (const name of [`${file}.pub`, file]) {
		try {
			const parsed = ssh2.utils.parseKey(readFileBytes(name));
			if (!(parsed instanceof Error)) {
				return [parsed.getPublicSSH()];
			}
		} catch {
			// `ssh -G` lists the default names whether they exist or not.
		}
	}

	return [];
}
