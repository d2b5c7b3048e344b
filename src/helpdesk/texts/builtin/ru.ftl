# Тексты по умолчанию. Регламент компании может заменить любой из них.
ack-subject = [#{ $number }] Обращение зарегистрировано
ack-body =
    Здравствуйте!

    Ваше обращение получено { $received } и зарегистрировано под номером { $number }.
    Пожалуйста, сохраняйте номер в теме письма, когда пишете по этому вопросу.

    { $note }

    Это письмо составлено автоматически.
    { $company }
ack-asked =
    Быстрее помогут сведения, если вы их ещё не сообщили:
    { $missing }
refusal-subject = Обращение не принято: { $company }
refusal-body =
    Здравствуйте!

    Обращение не принято к рассмотрению (пункт { $clause } регламента): { $reason }

    { $hint }

    Это письмо составлено автоматически.
    { $company }
incomplete-subject = [#{ $number }] Нужны дополнительные сведения
incomplete-body =
    Здравствуйте!

    Обращение { $number } зарегистрировано, но решение отложено до уточнения.
    Чтобы продолжить, сообщите, пожалуйста:
    { $missing }

    { $until }

    Это письмо составлено автоматически.
    { $company }
identification-body =
    Здравствуйте!

    Обращение получено { $received } и зарегистрировано под номером { $number }, но мы не узнали, кто обращается:
    решение отложено до уточнения. Чтобы продолжить, сообщите, пожалуйста:
    { $missing }

    { $note }

    Это письмо составлено автоматически.
    { $company }
attachment-subject = [#{ $number }] Не все вложения приняты
attachment-body =
    Здравствуйте!

    Ваше сообщение по обращению { $number } получено, но не все вложения приняты (пункт { $clause } регламента).
    Принимаются файлы таких видов:
    { $accepted }

    Это письмо составлено автоматически.
    { $company }
attachment-limits =
    Здравствуйте!

    Ваше сообщение по обращению { $number } получено, но не все вложения приняты: к одному сообщению может быть
    приложено не более { $most } файлов, каждый не больше { $megabytes } МБ.

    Это письмо составлено автоматически.
    { $company }
held-subject = Письмо получено: { $company }
held-body =
    Здравствуйте!

    Письмо получено { $received } и ждёт проверки сотрудником.

    Это письмо составлено автоматически.
    { $company }
closed-subject = [#{ $number }] Обращение закрыто
closed-body =
    Здравствуйте!

    Обращение { $number } закрыто: { $outcome }.

    Это письмо составлено автоматически.
    { $company }
closed-declined =
    Здравствуйте!

    Обращение { $number } закрыто: { $outcome }.
    Такие вопросы ({ $category }) техническая поддержка не решает: пункт { $clause } регламента.
    { $refer }

    Это письмо составлено автоматически.
    { $company }
closed-refer = С этим вопросом обратитесь, пожалуйста, сюда: { $vendor }.
language-subject = [#{ $number }] Пожалуйста, напишите по-русски
language-body =
    Здравствуйте!

    Обращение { $number } зарегистрировано. Техническая поддержка ведётся на русском языке
    (пункт { $clause } регламента): пожалуйста, повторите ваш вопрос по-русски ответом на это письмо.

    Это письмо составлено автоматически.
    { $company }
merged-subject = [#{ $number }] Обращение объединено с другим
merged-body =
    Здравствуйте!

    Обращение { $number } объединено с обращением { $other }: работа продолжается там.
    Отвечать можно на любое письмо по этим обращениям.

    Это письмо составлено автоматически.
    { $company }
answer-subject = [#{ $number }] { $subject }
answer-body =
    { $text }

    { $until }

    { $company }, обращение { $number }
answer-deadline = Если до { $deadline } возражений не будет, обращение закроется (пункт { $clause } регламента).
question-subject = [#{ $number }] { $subject }
question-body =
    { $text }

    { $until }

    { $company }, обращение { $number }
question-deadline = Ждём вашего ответа до { $deadline }.
notice-subject = [#{ $number }] { $subject }
notice-body =
    { $text }

    { $company }, обращение { $number }
notice-engineer = Вашим обращением { $number } занимается { $engineer }.
edition-announcement = { $company }: с { $since } действует редакция регламента технической поддержки { $edition }.
complaint-subject = Жалоба № { $number }: { $company }
complaint-body =
    Жалоба № { $number } (пункт { $clause } регламента)
    На сотрудника: { $engineer }
    Обращение: { $other }
    От кого: { $agent }

    { $text }
complaint-received-subject = Жалоба № { $number } получена: { $company }
complaint-received-body =
    Здравствуйте!

    Ваша жалоба получена под номером { $number } и передана руководителю (пункт { $clause } регламента).
    Сотрудник, о котором она, её не видит.

    Это письмо составлено автоматически.
    { $company }
complaint-decided-subject = Решение по жалобе № { $number }: { $company }
complaint-decided-body =
    { $text }

    { $company }, жалоба { $number }
warning-subject = [#{ $number }] Приближается срок «{ $target }»: { $due }
warning-body =
    Обращение: { $number } ({ $company })
    Срок: { $target }, пункт { $clause }
    Уровень: { $level }
    Истекает: { $due }, осталось { $left }
    Исполнитель: { $agent }
breach-subject = [#{ $number }] Срок «{ $target }» нарушен
breach-body =
    Обращение: { $number } ({ $company })
    Срок: { $target }, пункт { $clause }
    Уровень: { $level }
    Истёк: { $due }
    Исполнитель: { $agent }
subscription-subject = События больше не доставляются: { $host }
subscription-body =
    Компания: { $company }
    События больше не доставляются на { $host }: { $reason }

    Подписка отключена. Пропущенное есть в ленте событий; включить подписку снова можно через API.
review-subject = Пора пересмотреть регламент: { $company }, редакция { $edition }
review-body =
    Редакцию { $edition } регламента { $company } следовало пересмотреть не позднее { $deadline }
    (пункт { $clause } регламента).
bounce-subject = [#{ $number }] Письмо клиенту не доставлено
bounce-body =
    Обращение: { $number } ({ $company })
    Письмо о регистрации вернулось: { $reason }
    По пункту { $clause } регламента обращение не считается принятым, пока клиент не узнал его номер.
    Свяжитесь с клиентом иначе: { $ways }
ack-short = { $company }: обращение { $number } зарегистрировано. { $asked }
ack-short-asked = Нужны ещё сведения, позвоните: { $ours }.
answer-short = { $company }, обращение { $number }: { $text } { $until }
question-short = { $company }, обращение { $number }: { $text } { $until } Ответить: { $ours }.
notice-short = { $company }, обращение { $number }: { $text }
closed-short = { $company }: обращение { $number } закрыто: { $outcome }. { $refer }
merged-short = { $company }: обращение { $number } объединено с обращением { $other }.
short-rest = ... Полностью: { $ours }.
call-registered = Ваше обращение зарегистрировано. Его номер: { $number }.
call-refused = По пункту { $clause } регламента обращение принять нельзя: { $reason } { $hint }
