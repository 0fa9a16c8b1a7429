// SPDX-License-Identifier: AGPL-3.0-or-later
// The way out, faster: for those who run scripts; nothing needs it. Close
// blanks the page and leaves no way back to it, Shift three times does the
// same where there is a keyboard, and leaving empties the fields.
(function (d, w) {
	var x = d.querySelector('.x'), t = d.getElementById('t'), k = d.getElementById('k'), n = 0, m, z;
	function say(i) { t.textContent = i === '' ? i : '•••'.slice(0, i) + ' ' + t.getAttribute('data-' + i) }
	function back() { clearTimeout(z); n = 0; d.body.className = ''; t.setAttribute('role', 'status'); say('') }
	function go(e) {
		if (e) e.preventDefault();
		back();
		d.body.className = 'o';
		t.setAttribute('role', 'alert');
		say('w');
		location.replace(x.href)
	}
	x.onclick = go;
	w.onpageshow = back;
	w.onpagehide = function () {
		var f = d.querySelectorAll('textarea,select,input:not([type=hidden])'), i = f.length;
		while (i--) { f[i].checked = false; if (!/radio|box/.test(f[i].type)) f[i].value = '' }
	};
	if (w.matchMedia && matchMedia('(hover:hover)').matches) {
		if (k) k.hidden = false;
		d.onkeyup = function (e) {
			if (e.key != 'Shift') { if (n) back() }
			else if (!m) {
				clearTimeout(z);
				if (++n > 2) go();
				else {
					say(n);
					z = setTimeout(function () { n = 0; say(0); z = setTimeout(back, 5e3) }, 5e3)
				}
			}
			m = e.shiftKey
		}
	}
})(document, window)
