/** Measures a page from within: evaluated in the browser, so that its names are the browser's. */
globalThis.measure = {
	/** Each character of the SVG texts that are seen now: its row, and in pixels where it begins and ends. */
	glyphs(height, margin) {
		return measure.texts().flatMap(({element, text, y}) => {
			const row = Math.floor((y - margin) / height);
			const found = [];
			let unit = 0;
			for (const character of text) {
				// Characters that the browser left out have no place.
				if (unit < element.getNumberOfChars()) {
					const {x, width} = element.getExtentOfChar(unit);
					found.push({character, row, left: x, right: x + width});
				}

				unit += character.length;
			}

			return found;
		});
	},

	/** The SVG texts that are seen now, and where they say that they stand. */
	texts() {
		return [...document.querySelectorAll('text')]
			.filter(element => element.getClientRects().length > 0)
			.map(element => ({
				element,
				text: element.textContent,
				x: Number(element.getAttribute('x')),
				y: Number(element.getAttribute('y')),
			}));
	},

	seek(seconds) {
		document.documentElement.pauseAnimations();
		document.documentElement.setCurrentTime(seconds);
	},

	async imageSize() {
		const image = document.querySelector('img');
		await image.decode();
		return [image.naturalWidth, image.naturalHeight];
	},

	/** What sticks out of the page to the right, and by how much: one would have to scroll sideways for it. */
	stickingOut() {
		return [...document.querySelectorAll('body *')]
			.map(element => ({name: element.tagName, by: element.getBoundingClientRect().right - innerWidth}))
			.filter(({by}) => by > 1);
	},

	/** Headings and what stands below each, with the height that it has. */
	sections() {
		return [...document.querySelectorAll('h2')].map(heading => ({
			title: heading.textContent,
			height: heading.nextElementSibling?.getBoundingClientRect().height ?? 0,
		}));
	},

	/** The charts' texts as boxes, relative to their chart. */
	charts() {
		return [...document.querySelectorAll('svg.chart')].map(chart => {
			const {left, top, width, height} = chart.getBoundingClientRect();
			return {
				width,
				height,
				texts: [...chart.querySelectorAll('text')].map(element => {
					const box = element.getBoundingClientRect();
					return {
						text: element.textContent,
						left: box.left - left,
						right: box.right - left,
						top: box.top - top,
						bottom: box.bottom - top,
						colour: getComputedStyle(element).fill,
					};
				}),
			};
		});
	},

	/** Ink and paper of the page, as the browser mixed them. */
	colours() {
		const {color, backgroundColor} = getComputedStyle(document.body);
		return {ink: color, paper: backgroundColor};
	},

	/** The lines of logs: the text, and the width that a blank takes in it where it has two in a row. */
	logLines() {
		return [...document.querySelectorAll('.log div')].map(element => ({
			text: element.textContent,
			shown: element.innerText,
		}));
	},
};
