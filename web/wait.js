// SPDX-License-Identifier: AGPL-3.0-or-later
// For who waits for a turn, where scripts run: the form goes by itself when
// the time is over, or as soon as a number is found whose hash begins with
// enough zero bits. Nothing needs it: the button does the same. A hundred
// hashes at a time, so that Close works at once meanwhile.
(function (f, c) {
	var e, n = 0, b = +f.getAttribute('data-b'), t = f.elements.w.value + ':';
	function go() { if (f) { var g = f; f = 0; g.submit() } }
	function found(h) {
		var a = new Uint8Array(h), i = 0;
		while (i < b && !(a[i >> 3] >> (7 - i % 8) & 1)) i++;
		return i == b
	}
	function work() {
		var all = [], i = 0;
		while (i < 100) all.push(c.digest('SHA-256', e.encode(t + (n + i++))));
		Promise.all(all).then(function (h) {
			for (i = 0; f && i < 100; i++) if (found(h[i])) { f.elements.p.value = n + i; go() }
			n += 100;
			if (f) setTimeout(work, 0)
		})
	}
	setTimeout(go, f.getAttribute('data-s') * 1e3 + 1e3);
	if (c && window.TextEncoder) { e = new TextEncoder; setTimeout(work, 0) }
})(document.getElementById('v'), window.crypto && crypto.subtle)
