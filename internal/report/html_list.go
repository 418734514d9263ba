package report

// checkList is the frame that the script fills: what is in it needs one.
func (d *document) checkList() {
	d.raw(`<noscript><p class="note">Searching and reading single checks needs JavaScript, which is off here. Score, recommendations and compliance on this page do not.</p></noscript>
<div class="need-js checks" id="list">
<p class="strip gaps" id="list-note" hidden></p>
<form class="bar-tools" role="search" id="list-form">
<label class="find"><svg class="mark" aria-hidden="true"><use href="#m-search"/></svg><input id="list-search" type="search" placeholder="Find resources, tags, evidence" aria-label="Find checks" autocomplete="off" spellcheck="false"><kbd>/</kbd></label>
<span class="chips" id="list-chips"></span>
<button type="button" class="link" id="list-clear" hidden>Clear all</button>
</form>
<p class="list-head"><span id="list-count" role="status">Reading the checks</span> <span class="quiet" id="list-window"></span></p>
<div class="list-body">
<div class="table" role="grid" aria-label="Checks" aria-rowcount="-1" id="grid" tabindex="0">
<div class="row head check" role="row" aria-rowindex="1" id="grid-head"></div>
<div class="scroller" id="scroller" role="presentation"><div class="runway" id="runway" role="presentation"></div></div>
<div class="empty" id="list-empty" hidden></div>
</div>
<aside class="evidence" id="panel" aria-label="Evidence" tabindex="-1" hidden></aside>
</div>
</div>
<div class="print-only" id="list-print"></div>`)
	if d.run.Checks == nil {
		d.leaf("p", class("empty"), "The checks were not read for this report.")
	}
}
