/** Imported first: a Node that is too old ends here, in a sentence, before anything is loaded that it could not even parse. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
	process.stderr.write(
		`pgha-top: needs Node.js 22.19 or newer, this is ${process.versions.node} (${process.execPath}); within the repository, npm scripts bring their own\n`,
	);
	process.exit(69);
}
