package api

import (
	"net/http"

	"fehrest/internal/access"
)

// routes is every route of the API.
var routes = []route{
	{method: http.MethodPost, path: "/v1/lists", policy: access.SubmitLists, about: "Send a list", streams: (*server).submitList, documents: documentSubmit},
	{method: http.MethodGet, path: "/v1/uploads/{id}", policy: access.ReadLists, about: "What became of a file of many lists", streams: (*server).upload, documents: documentUpload},
	{method: http.MethodGet, path: "/v1/uploads/{id}/events", policy: access.ReadLists, about: "How far an upload has come that is named by Upload-Id (server-sent events)", streams: (*server).uploadEvents, documents: documentUploadEvents},
	{method: http.MethodGet, path: "/v1/lists", policy: access.ReadLists, about: "The lists of your workshops, newest first", does: operation((*server).lists)},
	{method: http.MethodGet, path: "/v1/lists/{id}", policy: access.ReadLists, about: "One list and where both lanes stand", does: operation((*server).list)},
	{method: http.MethodGet, path: "/v1/lists/{id}/state", policy: access.ReadLists, about: "Where a list and its lanes stand, in a few words: for asking again and again", signs: signInToList, streams: (*server).state, documents: documentState},
	{method: http.MethodGet, path: "/v1/lists/{id}/events", policy: access.ReadLists, about: "The same, told whenever it changes (server-sent events)", signs: signInToList, streams: (*server).events, documents: documentEvents},
	{method: http.MethodDelete, path: "/v1/lists/{id}", policy: access.SubmitLists, about: "Withdraw a list before any of it has left", does: operation((*server).withdraw)},
	{method: http.MethodGet, path: "/v1/lists/{id}/difference", policy: access.ReadLists, about: "What a list changes against the version before it", does: operation((*server).difference)},
	{method: http.MethodGet, path: "/v1/lists/{id}/faults", policy: access.ReadLists, about: "What was found in a list", streams: (*server).faults, documents: documentFaults},
	{method: http.MethodGet, path: "/v1/lists/{id}/lines", policy: access.ReadLists, about: "A list's workers: what was judged, and what each organisation said of each", does: operation((*server).lines)},
	{method: http.MethodGet, path: "/v1/lists/{id}/assessment", policy: access.ReadLists, about: "What every line owes, and why", does: operation((*server).assessment)},
	{method: http.MethodGet, path: "/v1/lists/{id}/receipt", policy: access.ReadLists, about: "The signed receipt", streams: (*server).receipt, documents: documentReceipt, page: true},
	{method: http.MethodGet, path: "/v1/lists/{id}/annotated.xlsx", policy: access.ReadLists, about: "The list's workbook with every finding marked in its cell", streams: (*server).annotated, documents: documentAnnotated},
	{method: http.MethodGet, path: "/v1/lists/{id}/files/{name}", policy: access.ReadLists, about: "One of a list's files", streams: (*server).file, documents: documentFile},
	{method: http.MethodPost, path: "/v1/lists/{id}/submission", policy: access.SubmitLists, about: "Send a draft, or one lane of it", streams: (*server).submitDraft, documents: documentSubmission},
	{method: http.MethodPost, path: "/v1/arrears", policy: access.SubmitLists, about: "New wages for months that are filed: the supplementary lists of what is owed, as drafts", streams: (*server).arrears, documents: documentArrears},
	{method: http.MethodPost, path: "/v1/lists/{id}/deliveries/{lane}/uploaded", policy: access.EnterAnswers, about: "Say that files made for a lane by hand are uploaded", does: operation((*server).uploaded)},
	{method: http.MethodPost, path: "/v1/answers", policy: access.EnterAnswers, about: "Enter an organisation's answer by hand", streams: (*server).enterAnswer, documents: documentEnter},
	{method: http.MethodGet, path: "/v1/lanes/{lane}/by-hand", policy: access.EnterAnswers, about: "What of a lane is worked by hand and not uploaded", does: operation((*server).byHand)},
	{method: http.MethodPost, path: "/v1/lanes/{lane}/uploaded", policy: access.EnterAnswers, about: "Say of one delivery, by its key, that it was taken to the portal", does: operation((*server).keyUploaded)},
	{method: http.MethodPost, path: "/v1/lanes/{lane}/switch", policy: access.EnterAnswers, about: "Send by the lane's gateway what was not uploaded by hand", does: operation((*server).switchLane)},

	{method: http.MethodGet, path: "/v1/desk", policy: access.ReadDesk, about: "What needs attention: why, who acts next, for how long", does: operation((*server).desk)},
	{method: http.MethodPost, path: "/v1/desk/{owner}/{delivery}/replay", policy: access.WorkDesk, about: "Send again what needs attention; nothing takes effect twice", does: operation((*server).replay)},
	{method: http.MethodPost, path: "/v1/desk/{owner}/{delivery}/supersession", policy: access.WorkDesk, about: "Give a delivery up for the later version that waits behind it", does: operation((*server).setAside)},
	{method: http.MethodGet, path: "/v1/desk/answers", policy: access.WorkDesk, about: "Organisations' answers that changed nothing and wait for a look", does: operation((*server).answersSetAside)},
	{method: http.MethodGet, path: "/v1/desk/answers/{id}", policy: access.WorkDesk, about: "Such an answer as it came", streams: (*server).rawAnswer, documents: documentRawAnswer},
	{method: http.MethodPost, path: "/v1/desk/answers/{id}/settlement", policy: access.WorkDesk, about: "Say that such an answer was looked at", does: operation((*server).settleAnswer)},

	{method: http.MethodGet, path: "/v1/workshops", policy: access.ReadWorkshops, about: "The workshops you may act for", does: operation((*server).workshops)},
	{method: http.MethodGet, path: "/v1/workshops/{workshop_code}/titles", policy: access.ReadLists, about: "What a client's ambiguous column titles mean", does: operation((*server).titles)},
	{method: http.MethodPut, path: "/v1/workshops/{workshop_code}/titles", policy: access.SubmitLists, about: "Answer what ambiguous column titles mean", does: operation((*server).answerTitles)},
	{method: http.MethodPost, path: "/v1/workshops/{workshop_code}/closures", policy: access.SubmitLists, about: "Have nil lists declared, month by month, until an end", does: operation((*server).orderClosure)},
	{method: http.MethodGet, path: "/v1/workshops/{workshop_code}/closures", policy: access.ReadLists, about: "A workshop's closures, newest first", does: operation((*server).closures)},
	{method: http.MethodGet, path: "/v1/workshops/{workshop_code}/closures/{id}", policy: access.ReadLists, about: "One closure and what became of each month", does: operation((*server).closure)},
	{method: http.MethodDelete, path: "/v1/workshops/{workshop_code}/closures/{id}", policy: access.SubmitLists, about: "Cancel a closure: no further month is declared", does: operation((*server).cancelClosure)},
	{method: http.MethodGet, path: "/v1/tax-months/{employer_id}/{period}", policy: access.ReadTaxMonths, about: "A tax month: versions, persons, estimate and answer", does: operation((*server).taxMonth)},
	{method: http.MethodPost, path: "/v1/tax-months/{employer_id}/{period}/submission", policy: access.CutTaxMonths, about: "Cut a waiting tax month now", does: operation((*server).cutTaxMonth)},

	{method: http.MethodGet, path: "/v1/evidence/{period}", policy: access.ReadEvidence, about: "The window's own outages before a month's deadlines, signed once they are over", does: operation((*server).evidence)},
	{method: http.MethodPost, path: "/v1/evidence/{period}/{agency}/acceptance", policy: access.Administer, about: "Record that an organisation accepted an outage's record", does: operation((*server).acceptEvidence)},

	{method: http.MethodGet, path: "/v1/agencies/{agency}/lists", policy: access.ReadAgencyLists, about: "An organisation's own view of the lists sent to it", does: operation((*server).agencyLists)},
	{method: http.MethodPost, path: "/v1/agencies/{agency}/answers", policy: access.PostAnswers, about: "An organisation's answer", streams: (*server).takeAnswer, documents: documentAnswer},

	{method: http.MethodGet, path: "/v1/codes", policy: access.Anyone, about: "The catalogue of findings", does: operation((*server).codes), page: true},
	{method: http.MethodGet, path: "/v1/codes/{code}", policy: access.Anyone, about: "One entry of the catalogue", does: operation((*server).code), page: true},
	{method: http.MethodGet, path: "/v1/codes/{code}/examples/{name}", policy: access.Anyone, about: "A file of a code's failing and passing examples", streams: (*server).example, documents: documentExample},
	{method: http.MethodGet, path: "/v1/law/{period}", policy: access.Anyone, about: "The parameters in force in a month", streams: (*server).lawInForce, documents: documentLaw},
	{method: http.MethodGet, path: "/v1/template.xlsx", policy: access.Anyone, about: "The empty workbook", streams: (*server).template, documents: documentTemplate},
	{method: http.MethodGet, path: "/v1/limits", policy: access.Anyone, about: "The limits of a request", does: operation((*server).limits)},
	{method: http.MethodGet, path: "/v1/chain/heads", policy: access.Anyone, about: "What the audit chain came to, each day signed, newest first", does: operation((*server).chainHeads)},
	{method: http.MethodGet, path: "/v1/keys", policy: access.Anyone, about: "The keys receipts and messages verify with (JWK set)", does: operation((*server).keys)},

	{method: http.MethodGet, path: "/openapi.json", policy: access.Anyone, about: "This document", streams: (*server).serveDocument, documents: documentItself},
	{method: http.MethodGet, path: "/healthz", policy: access.Anyone, about: "Whether the program runs", does: operation((*server).healthy)},
	{method: http.MethodGet, path: "/readyz", policy: access.Anyone, about: "Whether lists can be taken in", does: operation((*server).readiness)},
}
