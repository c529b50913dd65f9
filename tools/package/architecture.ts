/** Processors that packages are made for. */

/** As Node.js names them, with the names of Debian, of RPM and of GNU's tools. */
export const architectures = {
	x64: {deb: 'amd64', rpm: 'x86_64', gnu: 'x86_64-linux-gnu'},
	arm64: {deb: 'arm64', rpm: 'aarch64', gnu: 'aarch64-linux-gnu'},
} as const;

export type Architecture = keyof typeof architectures;

export function isArchitecture(name: string): name is Architecture {
	return Object.hasOwn(architectures, name);
}
