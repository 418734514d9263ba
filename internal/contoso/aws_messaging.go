package contoso

// queueRow is one topic or queue.
type queueRow struct {
	account     awsAccount
	topic       bool
	name        string
	keyed, open bool
}

var queueRows = []queueRow{
	{awsRoot, true, "security-alarms", true, false},
	{awsRoot, true, "network-on-call", true, false},
	{awsShop, true, "order-placed", true, false},
	{awsShop, true, "shop-on-call", true, false},
	{awsShop, false, "orders", true, false},
	{awsShop, false, "thumbnails", false, false},
	{awsAnalytics, true, "etl-finished", false, true},
	{awsAnalytics, false, "partner-files", false, true},
}

func (q queueRow) arn() string {
	return arn(choose(q.topic, "sns", "sqs"), ireland, q.account.id, q.name)
}

func (e *estate) addMessaging() {
	for _, q := range queueRows {
		key := keyARN(q.account, choose(q.account.id == awsRoot.id, "security-data", "webshop-messages"))
		if q.topic {
			e.inAWS(q.account, ireland, "AWS::SNS::Topic", q.arn(), object{
				{"TopicName", q.name},
				{"TopicArn", q.arn()},
				{"KmsMasterKeyId", when(q.keyed, key)},
				{"Tags", ownerTags(q.name, teamName(q.account))},
			})
		} else {
			e.inAWS(q.account, ireland, "AWS::SQS::Queue", q.arn(), object{
				{"QueueName", q.name},
				{"Arn", q.arn()},
				{"KmsMasterKeyId", when(q.keyed, key)},
				{"SqsManagedSseEnabled", false},
				{"Tags", ownerTags(q.name, teamName(q.account))},
			})
		}
		e.addQueuePolicy(q)
	}
}

func (e *estate) addQueuePolicy(q queueRow) {
	var principal any = object{{"AWS", arn("iam", "", q.account.id, "root")}}
	if q.open {
		principal = "*"
	}
	says := document(object{
		{"Effect", "Allow"},
		{"Principal", principal},
		{"Action", choose(q.topic, "sns:Publish", "sqs:SendMessage")},
		{"Resource", q.arn()},
	})
	if q.topic {
		e.inAWS(q.account, ireland, "AWS::SNS::TopicPolicy", q.arn()+"|policy", object{{"Topics", words(q.arn())}, {"PolicyDocument", says}})
		return
	}
	e.inAWS(q.account, ireland, "AWS::SQS::QueuePolicy", q.arn()+"|policy", object{
		{"Queues", words("https://sqs." + ireland + ".amazonaws.com/" + q.account.id + "/" + q.name)},
		{"PolicyDocument", says},
	})
}
