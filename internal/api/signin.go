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

// signIn finds who signs in with the token of a hash; what it finds with that stands in the context.
type signIn func(s *server, r *http.Request, hash []byte) (access.Principal, context.Context, error)

// guard lets a request pass where the policy of its route allows it, with its principal in the context.
func (s *server) guard(rt *route, next http.HandlerFunc) http.HandlerFunc {
	if rt.policy == access.Anyone || rt.policy == access.PostAnswers { // the second is signed, not signed in
		return next
	}
	signs := rt.signs
	if signs == nil {
		signs = signInAlone
	}
	return func(w http.ResponseWriter, r *http.Request) {
		r, err := s.admit(r, rt.policy, signs)
		if err != nil {
			s.send(w, r, err)
			return
		}
		next(w, r)
	}
}

// admit signs a request in, where the policy allows it.
func (s *server) admit(r *http.Request, policy access.Action, signs signIn) (*http.Request, error) {
	token, ok := access.BearerToken(r.Header.Get("Authorization"))
	if !ok {
		return r, &fault.Problem{Kind: fault.Unsigned}
	}
	p, ctx, err := signs(s, r, access.HashToken(token))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return r, &fault.Problem{Kind: fault.Unsigned}
	case err != nil:
		return r, err
	case !p.May(policy):
		return r, &fault.Problem{Kind: fault.Forbidden}
	}
	return r.WithContext(context.WithValue(ctx, principalKey{}, p)), nil
}

func signInAlone(s *server, r *http.Request, hash []byte) (access.Principal, context.Context, error) {
	p, err := s.Store.SignIn(r.Context(), hash, s.Now())
	return p, r.Context(), err
}

// principal is who signed in; the zero Principal on routes that need none.
func principal(ctx context.Context) access.Principal {
	p, _ := ctx.Value(principalKey{}).(access.Principal)
	return p
}
