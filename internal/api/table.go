package api

import (
	"net/http"

	"fehrest/internal/access"
)

// routes is every route of the API.
var routes = []route{
	{method: http.MethodPost, path: "/v1/lists", policy: access.SubmitLists, about: "Send a list", streams: (*server).submitList, documents: documentSubmit},

	{method: http.MethodPost, path: "/v1/agencies/{agency}/answers", policy: access.PostAnswers, about: "An organisation's answer", streams: (*server).takeAnswer, documents: documentAnswer},

	{method: http.MethodGet, path: "/v1/codes", policy: access.Anyone, about: "The catalogue of findings", does: operation((*server).codes)},
	{method: http.MethodGet, path: "/v1/codes/{code}", policy: access.Anyone, about: "One entry of the catalogue", does: operation((*server).code)},
	{method: http.MethodGet, path: "/v1/law/{period}", policy: access.Anyone, about: "The parameters in force in a month", streams: (*server).lawInForce, documents: documentLaw},
	{method: http.MethodGet, path: "/v1/template.xlsx", policy: access.Anyone, about: "The empty workbook", streams: (*server).template, documents: documentTemplate},
	{method: http.MethodGet, path: "/v1/limits", policy: access.Anyone, about: "The limits of a request", does: operation((*server).limits)},
	{method: http.MethodGet, path: "/v1/keys", policy: access.Anyone, about: "The keys receipts and messages verify with (JWK set)", does: operation((*server).keys)},

	{method: http.MethodGet, path: "/openapi.json", policy: access.Anyone, about: "This document", streams: (*server).serveDocument, documents: documentItself},
	{method: http.MethodGet, path: "/healthz", policy: access.Anyone, about: "Whether the program runs", does: operation((*server).healthy)},
	{method: http.MethodGet, path: "/readyz", policy: access.Anyone, about: "Whether lists can be taken in", does: operation((*server).readiness)},
}
