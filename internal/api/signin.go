package api

import (
	"context"
	"errors"
	"net/http"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/store"
)

type principalKey struct{}

// guard lets a request pass where the policy of its route allows it, with its principal in the context.
func (s *server) guard(policy access.Action, next http.HandlerFunc) http.HandlerFunc {
	if policy == access.Anyone || policy == access.PostAnswers { // the second is signed, not signed in
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.signIn(r)
		if err != nil {
			s.send(w, r, err)
			return
		}
		if !p.May(policy) {
			s.send(w, r, &fault.Problem{Kind: fault.Forbidden})
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, p)))
	}
}

func (s *server) signIn(r *http.Request) (p access.Principal, err error) {
	token, ok := access.BearerToken(r.Header.Get("Authorization"))
	if !ok {
		return p, &fault.Problem{Kind: fault.Unsigned}
	}
	p, err = s.Store.SignIn(r.Context(), access.HashToken(token), s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return p, &fault.Problem{Kind: fault.Unsigned}
	}
	return p, err
}

// principal is who signed in; the zero Principal on routes that need none.
func principal(ctx context.Context) access.Principal {
	p, _ := ctx.Value(principalKey{}).(access.Principal)
	return p
}
