// SPDX-License-Identifier: MPL-2.0

package diagnosis

// Login says who logs in and where the credentials are from, for the message
// about a login that the management node refused. It contains no secret.
type Login struct {
	// Identity is who logs in, such as user "jo" of account "admin".
	Identity string

	// Credentials are the arguments in use, in the order of the documentation.
	Credentials []Credential

	// Unused are the ZSTACK_* variables of credentials that are set but not
	// used: the provider block takes precedence over them, or they belong to
	// another set of credentials than the one in use.
	Unused []string

	// Misspelt are sentences about set variables that are none of the provider's
	// but look like one of its credentials.
	Misspelt []string
}

// Credential is one argument of the credentials in use.
type Credential struct {
	Argument string // account_name
	Source   string // the argument or the variable that its value is from: account_name or ZSTACK_ACCOUNT_NAME

	// Hint says what looks wrong with the value and completes a sentence whose
	// subject is the argument, such as "is enclosed in quotes". It is empty if
	// nothing does.
	Hint string
}
