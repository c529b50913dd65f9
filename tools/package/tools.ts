/** Programs of Debian that packages are made with. */
import {findProgram, installPackages} from '../../lab/host.ts';

/** @returns the program's path; installs its Debian package if it is missing and this is root */
export async function requireTool(name: string, debianPackage: string): Promise<string> {
	const found = findProgram(name);
	if (found !== undefined) {
		return found;
	}

	await installPackages([debianPackage], line => {
		process.stderr.write(`${line}\n`);
	});
	const installed = findProgram(name);
	if (installed === undefined) {
		throw new Error(`${debianPackage} is installed, and has no program ${name}`);
	}

	return installed;
}
